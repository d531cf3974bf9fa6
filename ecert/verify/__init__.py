"""The verifier: what it knows off line, what it checks, and the verdict it gives.

`knowledge` holds signed documents in force with their high-water marks, `checks` are one function
each, `verifier` is the one-screen flow, `verdict` the answer.  Nothing here touches the network,
a file or the clock; memory of used codes (`replay`) and storage are handed in.
"""
