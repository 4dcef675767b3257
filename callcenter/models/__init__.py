"""The speech models: which there are, where they come from, and how they get onto this machine.

`model` holds the shapes, `catalogue` the models themselves, `installed` looks at what a directory holds,
`sources` fetches files, `install` puts a model in place, `cli` is `callcenter models`.
"""
