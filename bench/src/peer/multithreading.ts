import type { Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';

const [major = 0] = process.versions.node.split('.').map(Number);

/**
 * It sends the text of a function, once, and its arguments with every call. A function of a file is reached as its documentation shows:
 * the function that is sent imports it, on every call. There is one pool a process, so only one of these can be open at a time.
 */
export const multithreading: Peer = {
  name: 'multithreading',
  summary: 'multithreading, a function that imports the file and calls the work',
  package: 'multithreading',
  unsupported: {
    ...(major >= 22 ? {} : { calls: 'needs `navigator` and `Promise.withResolvers`, which Node has from 22 on' }),
    crowd: 'loses calls where more than 65 536 wait',
  },
  remarks: { calls: 'imports the file on every call, as its documentation shows' },
  open: openMultithreading,
};

async function openMultithreading<P, V>({ file, name }: Work<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  // Loaded only here: it replaces globals, and does not load at all where it does not run.
  const { initRuntime, move, shutdown, spawn } = await import('multithreading');
  initRuntime({ maxWorkers: threads });
  // It is sent as text, so it is made of text: the file is named in it, and nothing of this module is.
  const call = new Function('params', `return import(${JSON.stringify(file)}).then((work) => work.${name}(params));`) as (params: P) => V;
  return {
    // ArrayBuffers among the arguments and a result that is one are moved by themselves.
    run: (params) => spawn(move(params), call).join(),
    valueOf(settled) {
      const result = settled as { readonly ok: boolean; readonly value: V; readonly error?: unknown }; // its `Result`
      if (!result.ok) throw result.error;
      return result.value;
    },
    async close() {
      shutdown();
    },
  };
}
