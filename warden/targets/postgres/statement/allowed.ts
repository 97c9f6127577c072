/*
 * What a statement may call before anybody approved it. PostgreSQL's mark of a
 * function, immutable or stable, proves nothing: `table_to_xml` is stable and reads
 * any table. So each is named here by oid, which PostgreSQL gave it for good, with
 * why it reads nothing but what stands in front of it. Left out is what takes as
 * much as its argument says (repeat, lpad, replace, powers of numeric), what looks things up by name (regclass,
 * has_table_privilege), and what acts (nextval, locks).
 */

/** Functions for one reason: oid and name, one after the other. */
interface Group {
  readonly why: string;
  readonly functions: string;
}

export const GROUPS: readonly Group[] = [
  {
    why: 'Operators of PostgreSQL’s own on its own scalar types, their arrays and rows: they compute from what stands beside them.',
    functions: `
      56 boollt, 57 boolgt, 60 booleq, 61 chareq, 62 nameeq, 63 int2eq, 64 int2lt, 65 int4eq, 66 int4lt,
      67 texteq, 70 charne, 72 charle, 73 chargt, 74 charge, 79 nameregexeq, 84 boolne, 141 int4mul,
      144 int4ne, 145 int2ne, 146 int2gt, 147 int4gt, 148 int2le, 149 int4le, 150 int4ge, 151 int2ge,
      152 int2mul, 153 int2div, 154 int4div, 155 int2mod, 156 int4mod, 157 textne, 158 int24eq, 159 int42eq,
      160 int24lt, 161 int42lt, 162 int24gt, 163 int42gt, 164 int24ne, 165 int42ne, 166 int24le, 167 int42le,
      168 int24ge, 169 int42ge, 170 int24mul, 171 int42mul, 172 int24div, 173 int42div, 176 int2pl, 177 int4pl,
      178 int24pl, 179 int42pl, 180 int2mi, 181 int4mi, 182 int24mi, 183 int42mi, 184 oideq, 185 oidne,
      202 float4mul, 203 float4div, 204 float4pl, 205 float4mi, 206 float4um, 207 float4abs, 212 int4um,
      213 int2um, 216 float8mul, 217 float8div, 218 float8pl, 219 float8mi, 220 float8um, 221 float8abs,
      230 dsqrt, 231 dcbrt, 232 dpow, 240 nameeqtext, 241 namelttext, 242 nameletext, 243 namegetext,
      244 namegttext, 245 namenetext, 247 texteqname, 248 textltname, 249 textlename, 250 textgename,
      251 textgtname, 252 textnename, 279 float48mul, 280 float48div, 281 float48pl, 282 float48mi,
      283 float84mul, 284 float84div, 285 float84pl, 286 float84mi, 287 float4eq, 288 float4ne, 289 float4lt,
      290 float4le, 291 float4gt, 292 float4ge, 293 float8eq, 294 float8ne, 295 float8lt, 296 float8le,
      297 float8gt, 298 float8ge, 299 float48eq, 300 float48ne, 301 float48lt, 302 float48le, 303 float48gt,
      304 float48ge, 305 float84eq, 306 float84ne, 307 float84lt, 308 float84le, 309 float84gt, 310 float84ge,
      378 array_append, 379 array_prepend, 383 array_cat, 390 array_ne, 391 array_lt, 392 array_gt,
      393 array_le, 396 array_ge, 462 int8um, 463 int8pl, 464 int8mi, 465 int8mul, 466 int8div, 467 int8eq,
      468 int8ne, 469 int8lt, 470 int8gt, 471 int8le, 472 int8ge, 474 int84eq, 475 int84ne, 476 int84lt,
      477 int84gt, 478 int84le, 479 int84ge, 655 namelt, 656 namele, 657 namegt, 658 namege, 659 namene,
      716 oidlt, 717 oidle, 740 text_lt, 741 text_le, 742 text_gt, 743 text_ge, 744 array_eq, 837 int82pl,
      838 int82mi, 839 int82mul, 840 int82div, 841 int28pl, 846 cash_mul_flt4, 847 cash_div_flt4,
      848 flt4_mul_cash, 850 textlike, 851 textnlike, 852 int48eq, 853 int48ne, 854 int48lt, 855 int48gt,
      856 int48le, 857 int48ge, 858 namelike, 859 namenlike, 862 int4_mul_cash, 863 int2_mul_cash,
      864 cash_mul_int4, 865 cash_div_int4, 866 cash_mul_int2, 867 cash_div_int2, 888 cash_eq, 889 cash_ne,
      890 cash_lt, 891 cash_le, 892 cash_gt, 893 cash_ge, 894 cash_pl, 895 cash_mi, 896 cash_mul_flt8,
      897 cash_div_flt8, 919 flt8_mul_cash, 920 network_eq, 921 network_lt, 922 network_le, 923 network_gt,
      924 network_ge, 925 network_ne, 927 network_sub, 928 network_subeq, 929 network_sup, 930 network_supeq,
      942 int28mi, 943 int28mul, 945 int8mod, 948 int28div, 1048 bpchareq, 1049 bpcharlt, 1050 bpcharle,
      1051 bpchargt, 1052 bpcharge, 1053 bpcharne, 1086 date_eq, 1087 date_lt, 1088 date_le, 1089 date_gt,
      1090 date_ge, 1091 date_ne, 1102 time_lt, 1103 time_le, 1104 time_gt, 1105 time_ge, 1106 time_ne,
      1140 date_mi, 1141 date_pli, 1142 date_mii, 1145 time_eq, 1152 timestamptz_eq, 1153 timestamptz_ne,
      1154 timestamptz_lt, 1155 timestamptz_le, 1156 timestamptz_ge, 1157 timestamptz_gt, 1162 interval_eq,
      1163 interval_ne, 1164 interval_lt, 1165 interval_le, 1166 interval_ge, 1167 interval_gt,
      1168 interval_um, 1169 interval_pl, 1170 interval_mi, 1188 timestamptz_mi, 1189 timestamptz_pl_interval,
      1190 timestamptz_mi_interval, 1230 int8abs, 1238 texticregexeq, 1239 texticregexne, 1240 nameicregexeq,
      1241 nameicregexne, 1246 charlt, 1251 int4abs, 1252 nameregexne, 1253 int2abs, 1254 textregexeq,
      1256 textregexne, 1258 textcat, 1272 datetime_pl, 1274 int84pl, 1275 int84mi, 1276 int84mul,
      1277 int84div, 1278 int48pl, 1279 int48mi, 1280 int48mul, 1281 int48div, 1296 timedate_pl,
      1297 datetimetz_pl, 1298 timetzdate_pl, 1326 interval_div, 1352 timetz_eq, 1353 timetz_ne,
      1354 timetz_lt, 1355 timetz_le, 1356 timetz_ge, 1357 timetz_gt, 1581 biteq, 1582 bitne, 1592 bitge,
      1593 bitgt, 1594 bitle, 1595 bitlt, 1618 interval_mul, 1624 mul_d_interval, 1631 bpcharlike,
      1632 bpcharnlike, 1633 texticlike, 1634 texticnlike, 1635 nameiclike, 1636 nameicnlike, 1638 oidgt,
      1639 oidge, 1656 bpcharicregexeq, 1657 bpcharicregexne, 1658 bpcharregexeq, 1659 bpcharregexne,
      1660 bpchariclike, 1661 bpcharicnlike, 1666 varbiteq, 1667 varbitne, 1668 varbitge, 1669 varbitgt,
      1670 varbitle, 1671 varbitlt, 1673 bitand, 1674 bitor, 1675 bitxor, 1676 bitnot, 1677 bitshiftleft,
      1678 bitshiftright, 1679 bitcat, 1690 time_mi_time, 1691 boolle, 1692 boolge, 1704 numeric_abs,
      1718 numeric_eq, 1719 numeric_ne, 1720 numeric_gt, 1721 numeric_ge, 1722 numeric_lt, 1723 numeric_le,
      1724 numeric_add, 1725 numeric_sub, 1726 numeric_mul, 1727 numeric_div, 1729 numeric_mod,
      1747 time_pl_interval, 1748 time_mi_interval, 1749 timetz_pl_interval,
      1750 timetz_mi_interval, 1771 numeric_uminus, 1848 interval_pl_time, 1850 int28eq, 1851 int28ne,
      1852 int28lt, 1853 int28gt, 1854 int28le, 1855 int28ge, 1856 int82eq, 1857 int82ne, 1858 int82lt,
      1859 int82gt, 1860 int82le, 1861 int82ge, 1892 int2and, 1893 int2or, 1894 int2xor, 1895 int2not,
      1896 int2shl, 1897 int2shr, 1898 int4and, 1899 int4or, 1900 int4xor, 1901 int4not, 1902 int4shl,
      1903 int4shr, 1904 int8and, 1905 int8or, 1906 int8xor, 1907 int8not, 1908 int8shl, 1909 int8shr,
      1910 int8up, 1911 int2up, 1912 int4up, 1913 float4up, 1914 float8up, 1915 numeric_uplus, 1948 byteaeq,
      1949 bytealt, 1950 byteale, 1951 byteagt, 1952 byteage, 1953 byteane, 2003 textanycat, 2004 anytextcat,
      2005 bytealike, 2006 byteanlike, 2011 byteacat, 2031 timestamp_mi, 2032 timestamp_pl_interval,
      2033 timestamp_mi_interval, 2052 timestamp_eq, 2053 timestamp_ne, 2054 timestamp_lt, 2055 timestamp_le,
      2056 timestamp_ge, 2057 timestamp_gt, 2071 date_pl_interval, 2072 date_mi_interval, 2160 text_pattern_lt,
      2161 text_pattern_le, 2163 text_pattern_ge, 2164 text_pattern_gt, 2174 bpchar_pattern_lt,
      2175 bpchar_pattern_le, 2177 bpchar_pattern_ge, 2178 bpchar_pattern_gt, 2338 date_lt_timestamp,
      2339 date_le_timestamp, 2340 date_eq_timestamp, 2341 date_gt_timestamp, 2342 date_ge_timestamp,
      2343 date_ne_timestamp, 2351 date_lt_timestamptz, 2352 date_le_timestamptz, 2353 date_eq_timestamptz,
      2354 date_gt_timestamptz, 2355 date_ge_timestamptz, 2356 date_ne_timestamptz, 2364 timestamp_lt_date,
      2365 timestamp_le_date, 2366 timestamp_eq_date, 2367 timestamp_gt_date, 2368 timestamp_ge_date,
      2369 timestamp_ne_date, 2377 timestamptz_lt_date, 2378 timestamptz_le_date, 2379 timestamptz_eq_date,
      2380 timestamptz_gt_date, 2381 timestamptz_ge_date, 2382 timestamptz_ne_date,
      2520 timestamp_lt_timestamptz, 2521 timestamp_le_timestamptz, 2522 timestamp_eq_timestamptz,
      2523 timestamp_gt_timestamptz, 2524 timestamp_ge_timestamptz, 2525 timestamp_ne_timestamptz,
      2527 timestamptz_lt_timestamp, 2528 timestamptz_le_timestamp, 2529 timestamptz_eq_timestamp,
      2530 timestamptz_gt_timestamp, 2531 timestamptz_ge_timestamp, 2532 timestamptz_ne_timestamp,
      2546 interval_pl_date, 2547 interval_pl_timetz, 2548 interval_pl_timestamp, 2549 interval_pl_timestamptz,
      2550 integer_pl_date, 2627 inetnot, 2628 inetand, 2629 inetor, 2630 inetpl, 2631 int8pl_inet,
      2632 inetmi_int8, 2633 inetmi, 2747 arrayoverlap, 2748 arraycontains, 2749 arraycontained, 2954 uuid_lt,
      2955 uuid_le, 2956 uuid_eq, 2957 uuid_ge, 2958 uuid_gt, 2959 uuid_ne, 2981 record_eq, 2982 record_ne,
      2983 record_lt, 2984 record_gt, 2985 record_le, 2986 record_ge, 3181 record_image_eq,
      3182 record_image_ne, 3183 record_image_lt, 3184 record_image_gt, 3185 record_image_le,
      3186 record_image_ge, 3214 jsonb_object_field_text, 3215 jsonb_array_element,
      3216 jsonb_array_element_text, 3217 jsonb_extract_path, 3301 jsonb_concat, 3302 jsonb_delete,
      3303 jsonb_delete, 3304 jsonb_delete_path, 3343 jsonb_delete, 3344 cash_mul_int8, 3345 cash_div_int8,
      3399 int8_mul_cash, 3478 jsonb_object_field, 3508 enum_eq, 3509 enum_ne, 3510 enum_lt, 3511 enum_gt,
      3512 enum_le, 3513 enum_ge, 3551 network_overlap, 3696 starts_with, 3822 cash_div_cash,
      3940 jsonb_extract_path_text, 3947 json_object_field, 3948 json_object_field_text,
      3949 json_array_element, 3950 json_array_element_text, 3951 json_extract_path,
      3953 json_extract_path_text, 4038 jsonb_ne, 4039 jsonb_lt, 4040 jsonb_gt, 4041 jsonb_le, 4042 jsonb_ge,
      4043 jsonb_eq, 4046 jsonb_contains, 4047 jsonb_exists, 4048 jsonb_exists_any, 4049 jsonb_exists_all,
      4050 jsonb_contained`,
  },
  {
    why: 'Aggregates of values that were read anyway.',
    functions: `
      3538 string_agg, 3545 string_agg, 2050 max, 2051 min, 2100 avg, 2101 avg, 2102 avg, 2103 avg, 2104 avg, 2105 avg, 2106 avg, 2107 sum,
      2108 sum, 2109 sum, 2110 sum, 2111 sum, 2112 sum, 2113 sum, 2114 sum, 2115 max, 2116 max, 2117 max,
      2118 max, 2119 max, 2120 max, 2122 max, 2123 max, 2124 max, 2125 max, 2126 max, 2127 max, 2128 max,
      2129 max, 2130 max, 2131 min, 2132 min, 2133 min, 2134 min, 2135 min, 2136 min, 2138 min, 2139 min,
      2140 min, 2141 min, 2142 min, 2143 min, 2144 min, 2145 min, 2146 min, 2147 count, 2148 variance,
      2149 variance, 2150 variance, 2151 variance, 2152 variance, 2153 variance, 2154 stddev, 2155 stddev,
      2156 stddev, 2157 stddev, 2158 stddev, 2159 stddev, 2236 bit_and, 2237 bit_or, 2238 bit_and, 2239 bit_or,
      2240 bit_and, 2241 bit_or, 2242 bit_and, 2243 bit_or, 2244 max, 2245 min, 2335 array_agg, 2517 bool_and,
      2518 bool_or, 2519 every, 2641 var_samp, 2642 var_samp, 2643 var_samp, 2644 var_samp, 2645 var_samp,
      2646 var_samp, 2712 stddev_samp, 2713 stddev_samp, 2714 stddev_samp, 2715 stddev_samp, 2716 stddev_samp,
      2717 stddev_samp, 2718 var_pop, 2719 var_pop, 2720 var_pop, 2721 var_pop, 2722 var_pop, 2723 var_pop,
      2724 stddev_pop, 2725 stddev_pop, 2726 stddev_pop, 2727 stddev_pop, 2728 stddev_pop, 2729 stddev_pop,
      2803 count, 3526 max, 3527 min, 3564 max, 3565 min, 4053 array_agg, 6373 max, 6374 min, 6395 max,
      6396 min`,
  },
  {
    why: 'Windows over rows that were read anyway.',
    functions: `
      3100 row_number, 3101 rank, 3102 dense_rank, 3103 percent_rank, 3104 cume_dist, 3105 ntile, 3106 lag,
      3107 lag, 3108 lag, 3109 lead, 3110 lead, 3111 lead, 3112 first_value, 3113 last_value, 3114 nth_value`,
  },
  {
    why: 'Arithmetic of one value or two.',
    functions: `
      320 width_bucket, 940 mod, 941 mod, 947 mod, 1340 log, 1341 ln, 1342 round, 1343 trunc, 1344 sqrt,
      1345 cbrt, 1346 pow, 1347 exp, 1368 power, 1394 abs, 1395 abs, 1396 abs, 1397 abs, 1398 abs, 1705 abs,
      1706 sign, 1707 round, 1708 round, 1709 trunc, 1710 trunc, 1711 ceil, 1712 floor, 1728 mod, 1730 sqrt,
      1734 ln, 1736 log, 1741 log, 1973 div, 2167 ceiling, 2170 width_bucket,
      2308 ceil, 2309 floor, 2310 sign, 2320 ceiling, 3218 width_bucket, 5044 gcd, 5045 gcd, 5046 lcm,
      5047 lcm, 5048 gcd, 5049 lcm`,
  },
  {
    why: 'Text from text of about the same length.',
    functions: `
      720 octet_length, 749 overlay, 752 overlay, 849 position, 868 strpos, 870 lower, 871 upper, 872 initcap,
      875 ltrim, 876 rtrim, 877 substr, 878 translate, 881 ltrim, 882 rtrim, 883 substr, 884 btrim, 885 btrim,
      936 substring, 937 substring, 1317 length, 1318 length, 1367 character_length, 1369 character_length,
      1372 char_length, 1374 octet_length, 1375 octet_length, 1381 char_length, 1404 overlay, 1405 overlay,
      1569 like, 1570 notlike, 1571 like, 1572 notlike, 1620 ascii, 1621 chr, 1637 like_escape, 1680 substring,
      1681 length, 1682 octet_length, 1698 position, 1699 substring, 1713 length, 1810 bit_length,
      1811 bit_length, 1812 bit_length, 1946 encode, 1947 decode, 1986 similar_to_escape,
      1987 similar_to_escape, 2007 like, 2008 notlike, 2009 like_escape, 2010 length, 2012 substring,
      2013 substring, 2014 position, 2015 btrim, 2073 substring, 2074 substring, 2085 substr, 2086 substr,
      2088 split_part, 2089 to_hex, 2090 to_hex, 2311 md5, 2321 md5, 3030 overlay, 3031 overlay,
      3058 concat, 3059 concat_ws, 3060 left, 3061 right, 3062 reverse, 3420 sha256, 3422 sha512, 6195 ltrim,
      6196 rtrim, 6382 reverse`,
  },
  {
    why: 'Time from time, and the clock.',
    functions: `
      1026 timezone, 1158 to_timestamp, 1159 timezone, 1171 date_part, 1172 date_part, 1175 justify_hours,
      1199 age, 1217 date_trunc, 1218 date_trunc, 1273 date_part, 1284 date_trunc, 1295 justify_days, 1299 now,
      1373 isfinite, 1384 date_part, 1385 date_part, 1386 age, 1389 isfinite, 1390 isfinite, 1768 to_char,
      1770 to_char, 1772 to_char, 1773 to_char, 1774 to_char, 1775 to_char, 1776 to_char, 1777 to_number,
      1778 to_timestamp, 1780 to_date, 2020 date_trunc, 2021 date_part, 2037 timezone, 2038 timezone,
      2048 isfinite, 2049 to_char, 2058 age, 2059 age, 2069 timezone, 2070 timezone,
      2647 transaction_timestamp, 2648 statement_timestamp, 2649 clock_timestamp, 2711 justify_interval,
      6177 date_bin, 6178 date_bin, 6199 extract, 6200 extract, 6201 extract, 6202 extract, 6203 extract,
      6204 extract, 6334 timezone, 6335 timezone, 6336 timezone`,
  },
  {
    why: 'Parts of a document that was read anyway.',
    functions: `
      3207 jsonb_array_length, 3210 jsonb_typeof, 3956 json_array_length, 3968 json_typeof`,
  },
  {
    why: 'Arrays of values that were read anyway.',
    functions: `
      748 array_ndims, 2091 array_lower, 2092 array_upper, 2176 array_length, 2331 unnest, 3167 array_remove,
      3168 array_replace, 3179 cardinality, 3277 array_position, 3278 array_position, 3279 array_positions`,
  },
  {
    why: 'Chance, which says nothing of rows.',
    functions: `
      1598 random, 3432 gen_random_uuid`,
  },
  {
    why: 'Rows made of numbers and times, as many as five seconds give.',
    functions: `
      938 generate_series, 939 generate_series, 1066 generate_series, 1067 generate_series,
      1068 generate_series, 1069 generate_series, 3259 generate_series, 3260 generate_series,
      6274 generate_series`,
  },
  {
    why: 'A value of one scalar type as another: what a cast calls, and what a name of a type calls when it is written like a function.',
    functions: `
      77 int4, 78 char, 235 float8, 236 float4, 237 int2, 238 int2, 311 float8, 312 float4, 313 int4, 314 int2,
      316 float8, 317 int4, 318 float4, 319 int4, 401 text, 406 text, 407 name, 408 bpchar, 409 name, 480 int4,
      481 int8, 482 float8, 483 int8, 652 float4, 653 int8, 668 bpchar, 669 varchar, 714 int2, 730 text,
      754 int8, 860 bpchar, 944 char, 946 text, 1174 timestamptz, 1176 timestamptz, 1178 date, 1200 interval,
      1287 oid, 1288 int8, 1316 time, 1359 timestamptz, 1370 interval, 1388 timetz, 1400 name, 1401 varchar,
      1419 time, 1683 bit, 1684 int4, 1685 bit, 1687 varbit, 1703 numeric, 1715 cidr, 1740 numeric,
      1742 numeric, 1743 numeric, 1744 int4, 1745 float4, 1746 float8, 1779 int8, 1781 numeric, 1782 numeric,
      1783 int2, 1961 timestamp, 1967 timestamptz, 1968 time, 1969 timetz, 2019 time, 2024 timestamp,
      2025 timestamp, 2027 timestamp, 2028 timestamptz, 2029 date, 2046 time, 2047 timetz, 2075 bit, 2076 int8,
      2557 bool, 2558 int4, 2580 float8, 2971 text, 3449 numeric, 3450 int2, 3451 int4, 3452 int8, 3453 float4,
      3556 bool, 3811 money, 3812 money, 3823 numeric, 3824 money, 6367 bytea, 6368 bytea, 6369 bytea,
      6370 int2, 6371 int4, 6372 int8`,
  },
];

/** Each function on the list, by oid. */
export const FUNCTIONS: ReadonlyMap<number, string> = new Map(
  GROUPS.flatMap(({ functions }) => functions.split(',')).flatMap((entry) => {
    const [oid = '', name = ''] = entry.trim().split(' ');
    return oid === '' ? [] : [[Number(oid), name] as const];
  }),
);

/** PostgreSQL's own scalar types whose input and output read nothing else, by oid. Arrays and enums of them count too. */
export const TYPES: ReadonlyMap<number, string> = new Map(
  `bool:16 bytea:17 char:18 name:19 int8:20 int2:21 int4:23 text:25 oid:26 json:114 cidr:650 float4:700 float8:701 money:790 inet:869 bpchar:1042 varchar:1043 date:1082 time:1083 timestamp:1114 timestamptz:1184 interval:1186 timetz:1266 bit:1560 varbit:1562 numeric:1700 uuid:2950 jsonb:3802`
    .split(' ')
    .map((entry) => entry.split(':'))
    .map(([name = '', oid]) => [Number(oid), name] as const),
);
