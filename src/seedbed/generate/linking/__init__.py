"""Links that a model declares: which row of the target each row leads to, as a pure function of its row number."""
