"""Status lists (状态表): whether licences still stand, for a whole register in a few kilobytes.

After the Token Status List draft (draft-ietf-oauth-status-list): `values` says what an entry
means, `packing` turns entries into bytes and back, and `status_list` signs, opens and succeeds.
A list that is absent, past its time or not understood is never "valid".
"""
