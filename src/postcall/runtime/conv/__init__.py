"""What a project's functions see: `conv`, `flow` and the names of `_gen`. Loaded only in the processes that run them.

Nothing here may import more of postcall than `runtime.protocol`: these processes have neither the record nor keys.
"""
