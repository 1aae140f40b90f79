import { z } from 'zod';
import { saysWhy } from '../deploy/reason.ts';

/**
 * Only a few characters are allowed, because names become parts of workflow ids, file names and
 * commands on other machines.
 */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use at most 63 letters, digits, ".", "_" or "-"');

export const Role = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/, 'use at most 31 letters, digits, "_" or "-"');

export const Reason = z
  .string()
  .refine(
    saysWhy,
    'the reason tells the approver nothing: use at least 3 letters or digits, such as "logins fail"',
  );

export const Email = z.email();

/** An address in a commit. git takes nearly every text, such as ci@localhost or 1+a[bot]@b.example. */
export const CommitEmail = z
  .string()
  .regex(
    /^[^\s<>@]{1,100}@[^\s<>@]{1,200}$/,
    'use the address as git log shows it, such as ana@example.com',
  );

export const HttpUrl = z.url({ protocol: /^https?$/, error: 'use an http:// or https:// address' });

/**
 * The name of an environment variable that holds a secret. The worker reads the secret there and
 * never writes it to a history.
 */
export const SecretRef = z
  .string()
  .regex(/^env:[A-Z][A-Z0-9_]*$/, 'use env:NAME, never the secret itself');

export const ListenAddress = z
  .string()
  .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'use host:port, such as 127.0.0.1:8480');

export const AbsolutePath = z
  .string()
  .regex(/^\/[A-Za-z0-9/._@-]*$/, 'use an absolute path without spaces');

export const Fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'use the SHA256:… that ssh-keygen -lf prints');

export const PublicKey = z
  .string()
  .regex(
    /^(valid-(after|before)="\d{8}(\d{4}(\d{2})?)?Z?"[, ]){0,2}(sk-)?(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa)(@openssh\.com)? [A-Za-z0-9+/=]+( .*)?$/,
    'use one line of an OpenSSH .pub file; the line may start with ' +
      'valid-after="YYYYMMDD",valid-before="YYYYMMDD"',
  );

/** Headers that belong to the connection, and headers that probes set themselves. */
const ownHeaders =
  /^(host|connection|content-.*|transfer-encoding|te|upgrade|keep-alive|expect|proxy-.*)$/i;

const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

/** Headers of probes. Each value is "env:NAME". */
export const ProbeHeaders = z.record(z.string(), SecretRef).superRefine((headers, context) => {
  const names = Object.keys(headers);
  const bad = (message: string, path: string[] = []) =>
    context.addIssue({ code: 'custom', message, path });
  if (names.length > 8) bad('use at most 8 headers');
  const lower = names.map((name) => name.toLowerCase());
  const again = names.find((_, index) => lower.indexOf(lower[index]!) !== index);
  if (again !== undefined)
    bad('use each header once: capital and small letters are the same', [again]);
  for (const name of names) {
    if (!headerName.test(name)) bad('use the name of a header, such as Authorization', [name]);
    else if (ownHeaders.test(name)) bad('use another header, because probes set this one', [name]);
  }
});

export const CertificateFingerprint = z
  .string()
  .regex(
    /^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
    'use the fingerprint that openssl x509 -noout -fingerprint -sha256 prints',
  );

/** The longest time that a service may need to start, in seconds. */
const mostStartUp = 30 * 60;
const startUpHint = 'use a time between 1 s and 30 min, such as 90 s or 5 min';

/** A time up to 30 minutes: a number of seconds, or a text such as "90 s" or "5 min". */
export const StartUp = z.union(
  [
    z.number().int(startUpHint).min(1, startUpHint).max(mostStartUp, startUpHint),
    z
      .string()
      .regex(
        /^(?:(?:[1-9]\d{0,2}|1[0-7]\d{2}|1800) ?s|(?:[1-9]|[12]\d|30) ?m(?:in)?)$/,
        startUpHint,
      ),
  ],
  { error: startUpHint },
);

/**
 * A path of the same site. `//host` and `/\host` are refused, because URL parsers read these texts
 * as addresses of another host.
 */
export const UrlPath = z
  .string()
  .regex(/^\/(?![/\\])[^\s\\]*$/, 'use a path of the same site, such as /healthz');

/**
 * A path as git stores it: without a slash at the start or the end, without "." or "..", and
 * without the pattern characters of git.
 */
export const RepositoryPath = z
  .string()
  .max(200)
  .regex(
    /^(?!.*(?:^|\/)(?:\.{1,2}|\.git)(?:\/|$))[^/\s:*?[\]\\]+(?:\/[^/\s:*?[\]\\]+)*$/,
    'use a path inside the repository, such as apps/shop',
  );
