"""Pages for staff: sign-in, work list, case, quick entry, audit log."""
