"""Who may come in, and what each may do: accounts, sign-in, devices that are signed in, rights."""
