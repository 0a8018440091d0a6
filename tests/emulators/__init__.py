"""Gemini, Cloudinary and a photo server as small ASGI servers that speak the real wire protocol.

Their state lives in the serving process and everything a test needs (faults, ledger, requests, CDN) is reached over
HTTP under `/__*`, so that an emulator in a process of its own survives the workers a test kills.
`python -m tests.emulators` starts all three.
"""
