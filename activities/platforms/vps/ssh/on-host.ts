import type { VpsHost, VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import type { ReadCommand } from '../commands.ts';
import { withSsh } from './ssh.ts';
import type { WithSsh } from './ssh.ts';
import type { RemoteResult } from './remote.ts';

/** A session on one host, for reads only. `run` rejects if the connection is lost. */
export type HostSession = {
  run(command: ReadCommand): Promise<RemoteResult>;
  close(): void;
};
export type OpenHost = (
  target: VpsTarget,
  host: VpsHost,
  signal: AbortSignal | undefined,
) => Promise<HostSession>;

/**
 * Makes a function that opens a session on a host. A session stays open until `close` is called, so
 * many samples can use the same session. After `signal` has fired, `run` rejects with its reason.
 */
export const createOpenHost =
  (over: WithSsh): OpenHost =>
  (target, host, signal = new AbortController().signal) =>
    new Promise((resolve, reject) => {
      over(host, target, { signal }, (remote) => {
        const closed = Promise.withResolvers<void>();
        const run: HostSession['run'] = ({ script, args, ...options }) =>
          remote.run(script, args, options);
        resolve({ run, close: () => closed.resolve() });
        return closed.promise;
      }).catch(reject);
    });

/** Opens a session that does not share its connection with other sessions. */
export const openHost = createOpenHost(withSsh);
