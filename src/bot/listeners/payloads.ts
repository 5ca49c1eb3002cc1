/** Schemas of the parts of Slack's payloads that are read. Other fields are ignored. */
import { z } from 'zod';
import { type Instant, second } from '../../reboot/time/time.ts';
import { isBlank } from '../../reboot/words/text.ts';

const user = z.object({ id: z.string(), team_id: z.string().optional() });

export const clickPayload = z.object({
  user,
  trigger_id: z.string(),
  channel: z.object({ id: z.string() }).optional(),
  message: z
    .object({
      ts: z.string(),
      thread_ts: z.string().optional(),
      text: z.string().optional(),
      blocks: z.array(z.looseObject({ type: z.string() })).optional(),
    })
    .optional(),
  /** The modal or App Home, if the click was in one: there is no channel then. */
  view: z.object({ id: z.string(), type: z.string().optional(), private_metadata: z.string() }).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().nullish(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});
export type ClickPayload = z.infer<typeof clickPayload>;

const input = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_date_time: z.int().nullish(),
  selected_options: z.array(z.object({ value: z.string() })).nullish(),
});

/** What a person has typed into a menu of a modal. */
export const suggestionPayload = z.object({
  action_id: z.string(),
  value: z.string(),
  view: z.object({ private_metadata: z.string() }),
});
export type SuggestionPayload = z.infer<typeof suggestionPayload>;

export const submissionPayload = z.object({
  user,
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), input)) }),
  }),
});
export type SubmissionPayload = z.infer<typeof submissionPayload>;

/** Messages by block_id; Slack shows them in the modal, which stays open. */
export type Errors = Readonly<Record<string, string>>;

export type Submission =
  | { readonly ok: true; execute(): Promise<void> }
  | { readonly ok: false; readonly errors: Errors };

/** A person looks at the app: at its Home, or at its messages. */
export const openedPayload = z.object({
  team_id: z.string().optional(),
  event: z.object({ user: z.string(), tab: z.string() }),
});

export const commandPayload = z.object({
  command: z.string(),
  text: z.string().default(''),
  user_id: z.string(),
  team_id: z.string().optional(),
  channel_id: z.string(),
});
export type CommandPayload = z.infer<typeof commandPayload>;

/** The text or choice of one of our inputs; undefined if it is empty. */
export function inputOf({ view }: SubmissionPayload, id: string): string | undefined {
  const answer = view.state.values[id]?.[id];
  const text = answer?.value ?? answer?.selected_option?.value;
  return text === undefined || isBlank(text) ? undefined : text.trim();
}

/** The date and time of a picker; undefined if none was picked. */
export function timeOf({ view }: SubmissionPayload, id: string): Instant | undefined {
  const seconds = view.state.values[id]?.[id]?.selected_date_time;
  return typeof seconds === 'number' ? seconds * second : undefined;
}

/** The choices of a menu with several. */
export const choicesOf = ({ view }: SubmissionPayload, id: string): readonly string[] =>
  view.state.values[id]?.[id]?.selected_options?.map(({ value }) => value) ?? [];
