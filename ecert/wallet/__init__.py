"""The holder's side (卡包): the wallet, and the encrypted vault that keeps it on disk."""
