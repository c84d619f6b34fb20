"""Members: who may come in, and what each may do."""

import streamlit as st

from dashboard.web import service

st.title("Members", anchor=False)
account = service.account()
st.markdown(f"You are signed in as {account.name}.")
