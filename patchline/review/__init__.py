"""The review inbox: what patients asked and the bot was unsure of, for staff to teach from. Knows no web.

tables      what is kept of it, and for how long
sight       the serving model: what it makes of a message now, and how near its training came
picking     which messages are worth a look, and why; pure
grouping    messages that mean the same; pure
scan        looks through the journal for new ones, in a process of its own
inbox       what waits, the most worthwhile first, with the chats beside
acts        what staff decide, and its undoing
teaching    the decision as edits of the workspace's files; pure
sheet       the inbox as CSV, for people who live in spreadsheets
"""
