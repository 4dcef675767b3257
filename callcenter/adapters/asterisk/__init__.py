"""Asterisk 22 as the telephone switch: the only place where its words are spoken.

`config` and `switch_files` write what it starts from; `ari` carries the control connection that Asterisk
dials to us, `ami` the manager connection; `decode` turns their messages into SwitchEvents, `requests`
SwitchCommands into theirs; `reconcile` reads the truth after a reconnect; `telephony` is the port made of
all of them.
"""
