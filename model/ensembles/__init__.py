"""Work as a list: jobs cut into parts, done anywhere and in any order, kept whole, put together at the end."""
