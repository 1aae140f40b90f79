import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';
import { final } from '../../lib/fail.ts';
import { readPairs } from './facts.ts';
import { fileOptions } from './runner-words.ts';

type Named = Pick<VpsTarget, 'service' | 'run' | 'compose' | 'checkout' | 'directory'>;

const refused = (text: string) => final(failures.rejectedByPlatform, text);

export function noSuchService(name: string, { service, run, compose }: Named) {
  if (run === undefined)
    return refused(
      `${name} has no systemd unit ${service}. Correct service in plimsoll.yaml. ` +
        'List the units of the host: systemctl list-units --type=service',
    );
  if (run === 'docker')
    return refused(
      `${name} has no container ${service}. Correct container in plimsoll.yaml. ` +
        'List the containers of the host: docker ps -a',
    );
  return refused(
    `${name} has no container of the compose service ${service}. ` +
      'Check compose.service and compose.project in plimsoll.yaml. List the containers ' +
      `of the compose project on the host: docker compose -p ${compose?.project ?? ''} ps -a`,
  );
}

export function notMounted(name: string, target: Named, sources: string) {
  const { service, directory, checkout } = target;
  const wanted = checkout ? directory : `${directory}/current`;
  const has = sources.split('\n').filter(Boolean).join(', ') || 'nothing';
  return refused(
    `${name}: the container ${service} does not mount ${wanted} (it mounts ${has}), so a restart ` +
      `would run the old code. Create the container again: docker run … -v ${wanted}:/app …`,
  );
}

const defaults = { file: 'compose.yaml', tag: 'IMAGE_TAG' };

export function imageNotTagged(name: string, target: Named, stdout: string) {
  const image = /^image=(.*)$/m.exec(stdout)?.[1] ?? '';
  const { file, tag } = target.compose ?? defaults;
  const repository = image.replace(/@.*$|:[^/]*$/, '') || target.service;
  return refused(
    `${name}: the image of ${target.service} (${image || 'none'}) is not tagged with ${tag}, so a ` +
      'build would replace the previous image. ' +
      `Write in ${file.replaceAll(':', ' or ')}: image: ${repository}:\${${tag}}`,
  );
}

/** Makes the failure if docker compose cannot read the compose files. */
export function composeFailed(name: string, target: Named, sha: string, stdout: string) {
  const log =
    clean(readPairs(stdout).get('log') ?? []).join('\n') || 'docker compose printed nothing';
  const { directory, checkout, service, compose = defaults } = target;
  const at = checkout ? directory : `${directory}/releases/${sha}`;
  return refused(
    `${name}: docker compose does not report the image of ${service}. Nothing was built or ` +
      `restarted. Its last lines:\n${log}\nTry it on the host: cd ${at} && ` +
      `${compose.tag}=${sha} docker compose ${fileOptions(compose)} config ${service}`,
  );
}
