// listings.tsx - find a listing.
import { t } from '../i18n';

export default function ListingsPage() {
	return <h1>{t('listings.title')}</h1>;
}
