"""Prompts: the spoken texts of the centre, rendered ahead of the call and played from files.

A prompt is a text in a language. Its audio is found by the hash of everything that shapes the sound
(`model.prompt_key`): first among the audio shipped with the flows, then in the cache, and only then is it
synthesised, in a process of its own and never while a caller waits for it.
"""
