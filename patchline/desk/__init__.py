"""The staff desk under /desk: accounts, the queue of tickets, and what people do with them."""
