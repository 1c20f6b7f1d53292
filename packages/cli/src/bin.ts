#!/usr/bin/env node
import { main } from './main.ts';
import { createProcessShell } from './shell/process-shell.ts';

const shell = createProcessShell();
// A module may throw later on, as it is imported here as well as in the threads. What a journal holds by then stays.
process.on('uncaughtException', (error) => {
  shell.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  shell.exit(3);
});
const code = await main(process.argv.slice(2), shell);
// Exits by itself: a module may have opened timers or sockets as it was imported, and they must not hold a finished command.
// But what was written to a pipe is to arrive first.
shell.stdout.end(() => shell.stderr.write('', () => process.exit(code)));
