import type { VpsHost, VpsTarget } from '../../domain/plan.ts';
import type { RemoteCommand } from '../platforms/commands.ts';
import { withSsh } from '../ssh.ts';
import type { RemoteResult } from '../ssh-remote.ts';

/** One open connection. A lost one throws, and its owner opens another. */
export type HostSession = {
  run(command: RemoteCommand): Promise<RemoteResult>;
  close(): void;
};
export type OpenHost = (
  target: VpsTarget,
  host: VpsHost,
  signal: AbortSignal | undefined,
) => Promise<HostSession>;

/** A connection that stays open until it is closed or the signal fires: a segment of looks needs one. */
export const openHost: OpenHost = (target, host, signal = new AbortController().signal) =>
  new Promise((resolve, reject) => {
    withSsh(host, target, { signal }, (remote) => {
      const closed = Promise.withResolvers<void>();
      const run: HostSession['run'] = ({ script, args, step, timeoutMs }) =>
        remote.run(script, args, { step, timeoutMs });
      resolve({ run, close: () => closed.resolve() });
      return closed.promise;
    }).catch(reject);
  });
