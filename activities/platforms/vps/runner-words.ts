import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';

type Named = Pick<VpsTarget, 'service' | 'run' | 'compose' | 'sudo'>;

/**
 * Returns words for messages about the service, and commands that a person can run on the host.
 * `proof` is the name of the value that changes with every restart.
 */
export function runnerWords({ service, run, compose }: Named) {
  if (run === undefined)
    return {
      what: 'the unit',
      restart: `systemctl restart ${service}`,
      proof: 'InvocationID',
      status: `systemctl status ${service}`,
      logs: `journalctl -u ${service} -n 100`,
    };
  const project = compose ? `-p ${compose.project} ` : '';
  return run === 'docker'
    ? {
        what: 'the container',
        restart: `docker restart ${service}`,
        proof: 'StartedAt',
        status: `docker ps -a --filter name=${service}`,
        logs: `docker logs --tail 100 ${service}`,
      }
    : {
        what: 'the container',
        restart: `docker compose ${project}up -d --build ${service}`,
        proof: 'StartedAt',
        status: `docker compose ${project}ps -a ${service}`,
        logs: `docker compose ${project}logs --tail 100 ${service}`,
      };
}

/** Returns the options of docker compose for the compose files: `-f compose.yaml -f more.yaml`. */
export const fileOptions = ({ file }: { file: string }) =>
  file
    .split(':')
    .map((one) => `-f ${one}`)
    .join(' ');
