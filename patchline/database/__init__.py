"""The installation's database: engines, migrations and what all tables share. Rooms above keep their own tables."""
