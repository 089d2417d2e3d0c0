"""Reports as people and programs read them: HTML, Markdown, JUnit XML and a history, all made of `Report.to_dict()`."""
