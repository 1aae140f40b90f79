import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { check, unchecked } from '../../worker/doctor/finding.ts';
import type { Finding } from '../../worker/doctor/finding.ts';
import { taskQueue } from '../../worker/queue.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { withSession, withTemporal } from './connect.ts';
import type { Connected, Session } from './connect.ts';
import { UserError } from '../errors.ts';
import type { Io } from '../io.ts';
import { checkPolled } from './registry.ts';

/**
 * Checks the server: it can be reached, it has the namespace, and the search attributes are
 * registered. Also checks that a running worker polls the queue. With PLIMSOLL_SERVER, checks only
 * that the door answers. Returns a finding for each check.
 */
export function server(io: Io, config: Config | undefined): Promise<Finding>[] {
  if (io.env['PLIMSOLL_SERVER'] !== undefined) return [check('door', () => atDoor(io))];
  const reached = check('Temporal', () => withTemporal(io, describe));
  const then = async (name: string, examine: () => Promise<string>) =>
    (await reached).state === 'ok' ? await check(name, examine) : unchecked(name, 'Temporal');
  return [
    reached,
    then('search attributes', () => withTemporal(io, attributes)),
    config
      ? then('worker', () => withSession(io, {}, (session) => polled(session, taskQueue(config))))
      : Promise.resolve(unchecked('worker', 'the configuration')),
  ];
}

const within = <T>(client: Connected['client'], call: () => Promise<T>) =>
  client.withDeadline(Date.now() + 10_000, call);

async function describe({ client, namespace, address }: Connected): Promise<string> {
  await within(client, () => client.workflowService.describeNamespace({ namespace }));
  return `${address}, namespace ${namespace}`;
}

/**
 * Throws a UserError if search attributes are missing. The error names the missing attributes, and
 * the command that registers them.
 */
export async function attributes({ client, namespace }: Connected): Promise<string> {
  const { customAttributes } = await within(client, () =>
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

const atDoor = (io: Io) =>
  withSession(io, {}, async (session) => {
    await session.registry();
    return session.address;
  });

async function polled(session: Session, queue: string): Promise<string> {
  await checkPolled(session, queue);
  return `polls ${queue}`;
}
