// Loaded before a child's own program: a starter killed with -9 cannot stop its
// children, so each goes by itself when its stdin, which the starter holds open,
// ends. A pipe and not Node's channel for messages: the starter, which may be
// root, reads nothing that way. Children of children inherit the flag (`next dev`
// has one) but have another parent.
const starter = Number(process.env.COUNTERSIGN_STARTER);
if (process.ppid === starter) {
  process.stdin.once('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), 5_000).unref();
  });
  process.stdin.resume();
  process.stdin.unref();
} else if (starter > 0 && !isAlive(starter)) {
  // Killed while this process began: nobody is left to stop it.
  process.exit(1);
}

/** A process of root's may not be asked, and is there. */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
