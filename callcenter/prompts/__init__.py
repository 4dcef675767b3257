"""Prompts: the spoken texts of the centre, rendered ahead of the call and played from files.

A prompt is a text in a language. Its audio is found by the hash of everything that shapes the sound
(`model.prompt_key`): first among what people recorded, then among the audio shipped with the flows, then in
the cache, and only then is it synthesised, in a process of its own. A text that only the call tells (a
ticket's number, a name) is joined of pieces that have audio, and what is left of it is spoken by a warm
`worker` while the caller waits for a bounded time.
"""
