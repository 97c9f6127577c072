import { z } from 'zod';
import { ERROR_CODES } from '#lib/core';
import { visible } from '#lib/text';

export const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const Instant = z.iso.datetime({ precision: 3 });

/** Why not. A reason that is none of ours, of another version or a liar's, is read as the one that promises nothing. */
export const Reason = z.enum(ERROR_CODES).catch('unavailable');

/** What an agent or a person is told, cut to what anybody reads. */
const MOST_WORDS = 2_000;
export const Words = z.string().transform((text) => visible(text.slice(0, MOST_WORDS), { multiline: true }));
