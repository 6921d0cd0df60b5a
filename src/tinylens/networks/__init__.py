"""Networks: the parts that recipes build models from, and what can be told about a model."""
