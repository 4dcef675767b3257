"""The demo: simulated callers and agents, real SIP and audio, a whole centre, and a check of every call.

`stories` says who calls and what they do, `callers` and `agents` play it on simulated phones, `evidence`
reads what the centre recorded, `checks` compares the two, `report` is the published shape of the result.
"""
