// Loaded before a child's own program: a starter killed with -9 cannot stop its
// children, so each goes by itself when the line to the starter breaks.
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 5_000).unref();
});
process.channel?.unref();
