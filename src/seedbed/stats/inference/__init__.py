"""What fills a column or links a table so that new data are like those that were seen: pure, from summaries and samples."""
