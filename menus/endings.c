/* endings.c - endings by language group, one after another. */
#include "menus/endings.h"

#include <stdlib.h>

enum { ENDINGS_MAX = 4, ENDING_CODES_MAX = 6 };
enum { SLOT_BITS = 9, SLOTS = 1 << SLOT_BITS };

/* Agglutinating: up to ENDINGS_MAX of them, with a space around each. */
static const char turkic[] =
    " lar ler lor dar der dor tar ter tor im um m in un n i u si su imiz ibiz"
    " ubuz miz iniz unuz niz ingiz inar inis nin nun din dun tin tun ni nu di"
    " du ti tu ga ge go ka ke ko na ne no a e o da de do ta te to dan den don"
    " tan ten ton nan nen non dagi tagi degi tegi niki diki tiki men pen ben"
    " dik tik duk gan gen gon kan ken kon ip up p at et ot it ar er or ir ur"
    " ba be bo pa pe ma me mo bai bei mai mei mas mes bas bes sa se so sam"
    " man siz sin suz sak sek k min mun biz piz mak mok uC iS uS aS eS u Ci Cu"
    " lik luk lig lug li lu dai dei iap iapti iatat iati etgan mokCi maiapti"
    " madi mi mu bi pi la le lo lan len laS leS lat let il al el dir dur tir"
    " tur kiz giz gin kin gila kila gina dim dum tim tum dik uu oo ali gali"
    " hon hona kana isa asi ail ek ak ik ki gi Sti ti ndi nda nga ndan iz as "
    "es ina ine atin etin itin iatin eitin uge uga ain ein gim kim gisi kisi "
    "uSi"
    " Sa Se miz niz gan vol ver digan moi moC Citi sin sen lap lep lop tap tep"
    " top iSi iSip uSup uga tka ";
static const char russian[] =
    " a i u e o oi ei om em am iam ah iah ov ev ami iami ii ai aia oe ie ih im"
    " imi uiu ogo ego omu emu iu ia at it et ut iat al il el li la lo t ti S"
    " eS iS ete ite aiu aet aiut uet uiut ul nul sia s n na no ni an en in ka"
    " ki ku ke ko kam kah kami ok ik nik nika niki nika niku ist vat ivat ival"
    " ovat ova nost nosti nie nia niu nii niem ni nii noi nai noe nie nih nim"
    " nogo niu aiuS uSi uS Si Sii vS vSi i ai ui its itsa atsa ets itsia iaiu"
    " iaet iaiut ai aite ite ila ala ali ili eli l lsia las los lis ts tsia is"
    " asia asii asiu asie asion tes Can Canin ia ii iu ie iam iah iami est "
    "estvo stvo stva nomu nom nimi nuiu skii skogo skomu skoi skie skih skim"
    " skuiu ovali aem aete aetsa aiutsa iatsa enie enia eniu enii anie ania"
    " aniu anii uete evat ival ";
static const char tajik[] =
    " ho hoi i ro am at aS amon aton aSon mon ton Son an and ed em im id iam"
    " da dam dand dan nd a e gi or ni est ast ham u ba idan ida idam id t d"
    " n hoiro iro amro atro aSro horo ira iri ir is ad ga gon gor ak k et anda"
    " ia ii ie ori on in iS iSi goh hona kor gar gari mand mandi iat iaS anro"
    " amonro aSonro hoiam hoiaS ed ondan onida kuni kunam kunad ";
static const char english[] =
    " s es ed d ing er or ers ors ion ions ment ments al ly ness n t able ful"
    " les y i ies e en ings r rs st est ";

static const struct {
	const char *list;
	unsigned langs;
	unsigned most; /* one after another */
} groups[] = {
	{ turkic,
	    1u << LANG_KY | 1u << LANG_KK | 1u << LANG_UZ | 1u << LANG_UZ_CYRL,
	    ENDINGS_MAX },
	{ russian, 1u << LANG_RU, 2 },
	{ tajik, 1u << LANG_TG, 3 },
	{ english, 1u << LANG_EN, 2 },
};

struct endings {
	uint64_t sets[ARRAY_LEN(groups)][SLOTS]; /* packed; 0: free */
};

/* So few codes that all of them are a number. */
static uint64_t
pack(uint64_t packed, char code)
{
	return packed << 8 | (uint8_t)code;
}

/* Where it stands in the set, or would. */
static size_t
slot_of(const uint64_t *set, uint64_t packed)
{
	size_t i = packed * 0x9e3779b97f4a7c15u >> (64 - SLOT_BITS);

	while (set[i] != 0 && set[i] != packed)
		i = (i + 1) % SLOTS;
	return i;
}

static void
group_read(uint64_t *set, struct sv list)
{
	size_t taken = 0;

	while (list.n > 0) {
		struct sv ending = sv_cut(&list, ' ');
		uint64_t packed = 0;

		for (size_t i = 0; i < ending.n; i++)
			packed = pack(packed, ending.p[i]);
		if (ending.n == 0 || ending.n > ENDING_CODES_MAX)
			continue;
		ASSERT(++taken < SLOTS);
		set[slot_of(set, packed)] = packed;
	}
}

struct endings *
endings_new(void)
{
	struct endings *e = calloc(1, sizeof(*e));

	ASSERT(e != NULL);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		group_read(e->sets[i], sv_of(groups[i].list));
	return e;
}

void
endings_free(struct endings **ep)
{
	free(*ep);
	*ep = NULL;
}

/* single: an ending of one letter was read; two would explain anything */
static bool
read_endings(const uint64_t *set, const char *codes, size_t n, unsigned left,
    bool single)
{
	size_t most = n < ENDING_CODES_MAX ? n : ENDING_CODES_MAX;
	uint64_t packed = 0;

	if (n == 0)
		return true;
	if (left == 0 || n > (size_t)left * ENDING_CODES_MAX)
		return false;
	for (size_t i = 0; i < most; i++)
		packed = pack(packed, codes[i]);
	for (size_t i = most; i > 0; i--, packed >>= 8) {
		if ((i > 1 || !single) && set[slot_of(set, packed)] != 0 &&
		    read_endings(
			set, codes + i, n - i, left - 1, single || i == 1))
			return true;
	}
	return false;
}

bool
endings_only(const struct endings *e, const char *codes, size_t n,
    unsigned most, unsigned langs)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		unsigned few = groups[i].most < most ? groups[i].most : most;

		if ((groups[i].langs & langs) != 0 &&
		    read_endings(e->sets[i], codes, n, few, false))
			return true;
	}
	return false;
}
