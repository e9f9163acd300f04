/* phone_shim.cc - the one file that speaks C++ to libphonenumber. */
#include "daemon/phone/phone_shim.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstdio>
#include <cstdlib>
#include <list>
#include <new>
#include <string>

using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace
{

const int ROUNDS_MAX = 4;

/* The library's default logger may change; a number must never be printed. */
PhoneNumberUtil &
util()
{
	static PhoneNumberUtil *const one = [] {
		PhoneNumberUtil *u = PhoneNumberUtil::GetInstance();

		u->SetLogger(new NullLogger());
		return u;
	}();

	return *one;
}

/* Run f; C never sees an exception.  Out of memory ends us, as everywhere. */
template <typename T, typename F>
T
guarded(T otherwise, F f) noexcept
{
	try {
		return f();
	} catch (const std::bad_alloc &) {
		std::abort();
	} catch (...) {
		return otherwise;
	}
}

/* "001" (satellites, international freephone) and "ZZ" are no region. */
void
region_copy(const std::string &from, char to[3])
{
	bool known = from.size() == 2 && from != "ZZ";

	to[0] = known ? from[0] : '\0';
	to[1] = known ? from[1] : '\0';
	to[2] = '\0';
}

/*
 * The region of a number.  A number in no known range has the region of its
 * calling code if only one region owns that code.
 */
void
region_of(const PhoneNumber &number, char ret[3])
{
	std::string region;
	std::list<std::string> owners;

	util().GetRegionCodeForNumber(number, &region);
	region_copy(region, ret);
	if (ret[0] != '\0')
		return;
	util().GetRegionCodesForCountryCallingCode(
	    number.country_code(), &owners);
	if (owners.size() == 1)
		region_copy(owners.front(), ret);
}

bool
type_is_mobile(PhoneNumberUtil::PhoneNumberType type)
{
	return type == PhoneNumberUtil::MOBILE ||
	       type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE;
}

shim_kind
kind_of(PhoneNumberUtil::PhoneNumberType type)
{
	if (type == PhoneNumberUtil::TOLL_FREE)
		return SHIM_TOLLFREE;
	/* UNKNOWN: a range newer than the library's data */
	if (type_is_mobile(type) || type == PhoneNumberUtil::UNKNOWN)
		return SHIM_MOBILE;
	return SHIM_FIXED;
}

/*
 * Parse digits until the E.164 form reads as itself: the library may drop a
 * trunk prefix behind the calling code, and what is left may begin with one
 * too.  One person must have one number, however often it is read.
 */
bool
canonical(const char *digits, const char *home, PhoneNumber *ret_number,
    std::string *ret_e164)
{
	std::string before, text = digits;
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		if (util().Parse(text, home, ret_number) !=
		    PhoneNumberUtil::NO_PARSING_ERROR)
			return false;
		before = text;
		util().Format(*ret_number, PhoneNumberUtil::E164, &text);
		if (text == before) {
			*ret_e164 = text;
			return text.size() <= SHIM_E164_MAX;
		}
	}
	return false;
}

shim_fit
read_number(const char *digits, const char *region, shim_number *ret)
{
	PhoneNumber number;
	PhoneNumberUtil::PhoneNumberType type;
	std::string e164;

	if (!canonical(
		digits, region[0] != '\0' ? region : "ZZ", &number, &e164))
		return SHIM_NOBODY;
	if (util().IsPossibleNumberWithReason(number) !=
	    PhoneNumberUtil::IS_POSSIBLE)
		return SHIM_NOBODY;
	type = util().GetNumberType(number);
	ret->kind = kind_of(type);
	e164.copy(ret->e164, e164.size());
	ret->e164[e164.size()] = '\0';
	region_of(number, ret->region);
	return type == PhoneNumberUtil::UNKNOWN ? SHIM_POSSIBLE : SHIM_VALID;
}

unsigned
mobile_digits(const char *region)
{
	PhoneNumber example;
	std::string national;

	if (!util().GetExampleNumberForType(
		region, PhoneNumberUtil::MOBILE, &example))
		return 0;
	util().GetNationalSignificantNumber(example, &national);
	return static_cast<unsigned>(national.size());
}

int
is_mobile(unsigned code, unsigned long long national, char ret_region[3])
{
	PhoneNumber number;
	std::string region;

	number.set_country_code(static_cast<int>(code));
	number.set_national_number(national);
	if (!type_is_mobile(util().GetNumberType(number)))
		return 0;
	util().GetRegionCodeForNumber(number, &region);
	region_copy(region, ret_region);
	return 1;
}

} /* namespace */

shim_fit
shim_read(const char *digits, const char *region, shim_number *ret)
{
	return guarded(
	    SHIM_NOBODY, [&] { return read_number(digits, region, ret); });
}

void
shim_group(const char *e164, char *ret, unsigned size)
{
	(void)snprintf(ret, size, "%s", e164);
	guarded(0, [&] {
		PhoneNumber number;
		std::string text;

		if (util().Parse(e164, "ZZ", &number) ==
		    PhoneNumberUtil::NO_PARSING_ERROR) {
			util().Format(
			    number, PhoneNumberUtil::INTERNATIONAL, &text);
			(void)snprintf(ret, size, "%s", text.c_str());
		}
		return 0;
	});
}

unsigned
shim_calling_code(const char *region)
{
	return guarded(0U, [&] {
		return static_cast<unsigned>(
		    util().GetCountryCodeForRegion(region));
	});
}

unsigned
shim_mobile_digits(const char *region)
{
	return guarded(0U, [&] { return mobile_digits(region); });
}

int
shim_is_mobile(unsigned code, unsigned long long national, char ret_region[3])
{
	return guarded(
	    0, [&] { return is_mobile(code, national, ret_region); });
}
