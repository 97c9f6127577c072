import { TroublePage } from '#components/shell';
import { ButtonLink } from '#components/ui';

export default function NotFound() {
  return (
    <main>
      <TroublePage
        title="There is nothing here"
        action={
          <ButtonLink href="/" tone="primary">
            To the inbox
          </ButtonLink>
        }
      >
        <p>The address is wrong, or what it named is gone.</p>
      </TroublePage>
    </main>
  );
}
