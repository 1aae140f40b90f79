import type { VpsHost, VpsTarget } from '../../domain/plan.ts';
import type { RemoteCommand } from '../platforms/commands.ts';
import { withSsh } from '../ssh.ts';
import type { WithSsh } from '../ssh.ts';
import type { RemoteResult } from '../ssh-remote.ts';

/** A host that was reached. Where it is lost, the command throws, and its owner opens another. */
export type HostSession = {
  run(command: RemoteCommand): Promise<RemoteResult>;
  close(): void;
};
export type OpenHost = (
  target: VpsTarget,
  host: VpsHost,
  signal: AbortSignal | undefined,
) => Promise<HostSession>;

/** Open until it is closed or the signal fires: a segment of looks needs one. */
export const createOpenHost =
  (over: WithSsh): OpenHost =>
  (target, host, signal = new AbortController().signal) =>
    new Promise((resolve, reject) => {
      over(host, target, { signal }, (remote) => {
        const closed = Promise.withResolvers<void>();
        const run: HostSession['run'] = ({ script, args, step, timeoutMs }) =>
          remote.run(script, args, { step, timeoutMs });
        resolve({ run, close: () => closed.resolve() });
        return closed.promise;
      }).catch(reject);
    });

/** Over a connection of its own. */
export const openHost = createOpenHost(withSsh);
