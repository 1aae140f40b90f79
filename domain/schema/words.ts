import { z } from 'zod';
import { saysWhy } from '../policy/reason.ts';

/** Names become workflow ids, file names and remote arguments: letters, digits, dot, dash, underscore. */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, ".", "_" or "-", at most 63');

export const Role = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/, 'use letters, digits, "_" or "-", at most 31');

export const Reason = z
  .string()
  .refine(
    saysWhy,
    'it says nothing to who approves it: at least 3 letters or digits, such as "logins fail"',
  );

export const Email = z.email();

export const HttpUrl = z.url({ protocol: /^https?$/, error: 'use an http:// or https:// address' });

/** A reference to a secret, resolved inside the worker and never written to a history. */
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
    'use one line of an OpenSSH .pub file, optionally after valid-after="YYYYMMDD",valid-before="YYYYMMDD"',
  );

/** Never `//host` or `/\host`, which an URL parser takes for another origin. */
export const UrlPath = z
  .string()
  .regex(/^\/(?![/\\])[^\s\\]*$/, 'use a path of the same site, such as /healthz');

/** As git keeps it: no leading or trailing slash, no "." or "..", nothing that git reads as a pattern. */
export const RepositoryPath = z
  .string()
  .max(200)
  .regex(
    /^(?!.*(?:^|\/)(?:\.{1,2}|\.git)(?:\/|$))[^/\s:*?[\]\\]+(?:\/[^/\s:*?[\]\\]+)*$/,
    'use a path inside the repository, such as apps/shop',
  );
