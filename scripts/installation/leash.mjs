// Loaded before a child's own program: a starter killed with -9 cannot stop its
// children, so each goes by itself when the line to the starter breaks. Children
// of children inherit the flag (`next dev` has one) but have another parent.
if (process.ppid === Number(process.env.COUNTERSIGN_STARTER)) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), 5_000).unref();
  });
  process.channel?.unref();
}
