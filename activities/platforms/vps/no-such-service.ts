import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';

type Named = Pick<VpsTarget, 'service' | 'run' | 'compose' | 'checkout' | 'directory'>;

const refused = (text: string) => final(failures.rejectedByPlatform, text);

export function noSuchService(name: string, { service, run }: Named) {
  return run === undefined
    ? refused(
        `${name} has no systemd unit ${service}. See what it has: ` +
          'systemctl list-units --type=service; then correct service in plimsoll.yaml.',
      )
    : refused(
        `${name} has no container ${service}. See what it has: docker ps -a; ` +
          'then correct container in plimsoll.yaml.',
      );
}

export function notMounted(name: string, target: Named, sources: string) {
  const { service, directory, checkout } = target;
  const wanted = checkout ? directory : `${directory}/current`;
  const has = sources.split('\n').filter(Boolean).join(', ') || 'nothing';
  return refused(
    `${name}: the container ${service} does not mount ${wanted} (it mounts ${has}), so a restart ` +
      `would run the old code. Create it with: docker run … -v ${wanted}:/app …`,
  );
}

export function imageNotTagged(name: string, target: Named, stdout: string) {
  const image = /^image=(.*)$/m.exec(stdout)?.[1] || 'none';
  const { file, tag } = target.compose ?? { file: 'compose.yaml', tag: 'IMAGE_TAG' };
  return refused(
    `${name}: the image of ${target.service} (${image}) is not tagged by ${tag}, ` +
      `so the one before would be lost. In ${file} write: image: ${image.replace(/:[^/]*$/, '')}:\${${tag}}`,
  );
}
