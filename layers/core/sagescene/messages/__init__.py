"""What people read: notices and the page that shows a report."""
