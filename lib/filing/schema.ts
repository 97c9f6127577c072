import { z } from 'zod';
import { FiledOperation } from '#lib/documents';
import { TargetName, Verb } from '#lib/targets';
import { plainIdentifier } from '#lib/text';

/** A resource's name: printable ASCII, so that none poses as another (T20). `checkAsk` then narrows it to what the target has. */
const Resource = z
  .string()
  .max(300)
  .refine(plainIdentifier, 'Use printable ASCII characters.')
  .meta({ description: 'What is to be touched, in the words of the target.', examples: ['table/public.bookings'] });

const TicketUrl = z
  .string()
  .max(500)
  .regex(/^https:\/\/[\x21-\x7E]+$/, 'Write an https:// URL.')
  .refine((text) => URL.canParse(text), 'Write an https:// URL.');

/** The reason in the ready-made body of a refusal. A filing that still has it is refused: it gives people nothing to judge. */
export const REASON_TO_REPLACE =
  'Replace this sentence with your own reason: what you are doing, and why it needs this.';

/** The body of POST /api/v1/requests. */
export const FileRequest = z
  .strictObject({
    target: TargetName.meta({ description: 'Name of a target, from GET /api/v1/targets.', examples: ['sample'] }),
    resources: z.array(Resource).min(1).max(32),
    verbs: z
      .array(Verb)
      .min(1)
      .max(16)
      .meta({ examples: [['select', 'update']] }),
    ttlSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .meta({ description: 'How long the grant lives, from the moment it is collected.', examples: [600] }),
    maxUses: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'How often it may be used, where the target can count.' }),
    reason: z
      .string()
      .max(2_000)
      .refine((text) => text.trim() !== '', 'Say why.')
      .refine(
        (text) => text.trim() !== REASON_TO_REPLACE,
        'Put your own reason in place of the sentence that was there.',
      )
      .meta({ description: 'Why, in your own words. People see it fenced and marked as your claim.' }),
    ticketUrl: TicketUrl.optional(),
    operation: FiledOperation.optional().meta({
      description: 'The exact operation. It is run once, by Countersign; you get its result and no credential.',
    }),
  })
  .meta({
    id: 'FileRequest',
    examples: [
      {
        target: 'sample',
        resources: ['table/public.bookings'],
        verbs: ['select', 'update'],
        ttlSeconds: 600,
        reason: 'Mark booking 17 as paid: ticket OPS-204.',
        ticketUrl: 'https://tickets.example.com/OPS-204',
      },
    ],
  });
export type FileRequest = z.infer<typeof FileRequest>;
