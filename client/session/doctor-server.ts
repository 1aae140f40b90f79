import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { check, unchecked } from '../../worker/doctor/finding.ts';
import type { Finding } from '../../worker/doctor/finding.ts';
import { taskQueue } from '../../worker/queue.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { withSession } from './connect.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import type { Io } from '../io.ts';
import { checkPolled } from './registry.ts';

/**
 * Checks that the server can be reached and has the namespace, that the search attributes are
 * registered, and that a running worker polls the queue. Returns a finding for each check.
 */
export function server(io: Io, config: Config | undefined): Promise<Finding>[] {
  const reached = check('Temporal', () => withSession(io, describe));
  const then = async (name: string, look: (session: Session) => Promise<string>) =>
    (await reached).state === 'ok'
      ? await check(name, () => withSession(io, look))
      : unchecked(name, 'Temporal');
  return [
    reached,
    then('search attributes', attributes),
    config
      ? then('worker', (session) => polled(session, taskQueue(config)))
      : Promise.resolve(unchecked('worker', 'the configuration')),
  ];
}

async function describe({ client, namespace, address, within }: Session): Promise<string> {
  await within(() => client.workflowService.describeNamespace({ namespace }));
  return `${address}, namespace ${namespace}`;
}

/**
 * Throws a UserError if search attributes are missing. The error names the missing attributes, and
 * the command that registers them.
 */
export async function attributes({ client, namespace, within }: Session): Promise<string> {
  const { customAttributes } = await within(() =>
    client.connection.operatorService.listSearchAttributes({ namespace }),
  );
  const missing = searchAttributeNames.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return 'registered';
  throw new UserError(
    `These search attributes are not registered in namespace ${namespace}: ${missing.join(', ')}.\n` +
      `A worker registers them when it starts: ${plimsoll} worker\n` +
      `If the worker may not register them: temporal operator search-attribute create --namespace ${namespace} \\\n` +
      missing.map((name) => `  --name ${name} --type Keyword`).join(' \\\n'),
  );
}

async function polled(session: Session, queue: string): Promise<string> {
  await checkPolled(session, queue);
  return `polls ${queue}`;
}
