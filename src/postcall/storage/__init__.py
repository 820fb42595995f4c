"""The record: all SQL of the system of record, one file per noun."""
