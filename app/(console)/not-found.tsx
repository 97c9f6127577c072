import { TroublePage } from '#components/shell';
import { ButtonLink } from '#components/ui';

export default function NotFoundInConsole() {
  return (
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
  );
}
