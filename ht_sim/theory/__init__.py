"""The closed forms that the experiments are held against."""
