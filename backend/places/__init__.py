"""Towns and villages of Dongguan."""
