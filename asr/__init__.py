"""Speech recognition: from recorded or live audio to words with times.

`model` holds the shapes, `recognizer` the port and its error, `vosk_recognizer`, `whisper_recognizer` and
`scripted` its three engines. `stream` puts resampling and the speech gate in front of a recognizer,
`transcription` runs a whole recording through it. `worker` is the process that holds one model; `workers` is
the asyncio client the controller uses; `protocol` is what they say to each other. `routing` decides which
model hears a call, `text` compares texts.
"""
