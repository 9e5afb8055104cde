// SPDX-License-Identifier: Apache-2.0
#include "io/tls_certificate.hpp"

#include <cstdio>
#include <ctime>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/escape.hpp"

namespace kafka::io {
namespace {

constexpr std::size_t longest = 256;
constexpr int most_names = 32;

std::string text_of(const X509_NAME* name) {
    if (!name) return {};
    const BioPtr out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return {};
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return escaped({data, static_cast<std::size_t>(size)}, longest);
}

std::string text_of(const ASN1_TIME* time) {
    std::tm tm{};
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1) return "an unreadable date";
    char text[64];
    const auto size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
    return {text, size};
}

std::string address(const ASN1_OCTET_STRING& ip) {
    const auto* at = ip.data;
    char text[64];
    if (ip.length == 4) {
        const int size =
            std::snprintf(text, sizeof text, "%d.%d.%d.%d", at[0], at[1], at[2], at[3]);
        return {text, static_cast<std::size_t>(size)};
    }
    if (ip.length != 16) return "an address of " + std::to_string(ip.length) + " bytes";
    std::string all;
    for (int i = 0; i < 16; i += 2) {
        std::snprintf(text, sizeof text, "%s%x", i ? ":" : "", at[i] << 8 | at[i + 1]);
        all += text;
    }
    return all;
}

std::vector<std::string> names_of(const X509& certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, Freeing<GENERAL_NAMES_free>> all(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!all) return names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()) && i < most_names; ++i) {
        const auto& name = *sk_GENERAL_NAME_value(all.get(), i);
        if (name.type == GEN_DNS) {
            const auto* text = ASN1_STRING_get0_data(name.d.dNSName);
            names.push_back(escaped({reinterpret_cast<const char*>(text),
                                     static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName))},
                                    longest));
        } else if (name.type == GEN_IPADD) {
            names.push_back(address(*name.d.iPAddress));
        }
    }
    return names;
}

std::string serial_of(const X509& certificate) {
    const std::unique_ptr<BIGNUM, Freeing<BN_free>> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
    if (!number) return {};
    char* digits = BN_bn2hex(number.get());
    if (!digits) return {};
    std::string text(digits);
    OPENSSL_free(digits);
    return text;
}

}  // namespace

TlsCertificate describe(const X509& certificate) {
    return {.subject = text_of(X509_get_subject_name(&certificate)),
            .issuer = text_of(X509_get_issuer_name(&certificate)),
            .serial = serial_of(certificate),
            .not_before = text_of(X509_get0_notBefore(&certificate)),
            .not_after = text_of(X509_get0_notAfter(&certificate)),
            .names = names_of(certificate),
            .der = {}};
}

std::string to_string(const TlsCertificate& certificate) {
    return "'" + certificate.subject + "' (issued by '" + certificate.issuer + "', valid from " +
           certificate.not_before + " to " + certificate.not_after + ")";
}

std::string complaint(const TlsCertificate& certificate, int depth, int error,
                      const std::string& host, const std::string& trusted) {
    auto text = depth == 0 ? "the certificate of " + escaped(host) + ", "
                           : "a certificate in the chain of " + escaped(host) + ", ";
    text += to_string(certificate);
    switch (error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return text + ", has expired";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return text + ", is not valid yet (is this machine's clock right?)";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: {
            text += ", is not for this host but for ";
            std::string list;
            for (const auto& name : certificate.names)
                list += (list.empty() ? "" : ", ") + name;
            return text + (list.empty() ? "its subject" : list);
        }
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return text + ", is signed by itself and not among the trusted authorities (" +
                   trusted + ")";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return text + ", comes from nobody among the trusted authorities (" + trusted + ")";
        case X509_V_OK:
        case X509_V_ERR_APPLICATION_VERIFICATION:
            return text + ", was refused by TlsConfig::verify";
        default:
            return text + ": " + X509_verify_cert_error_string(error);
    }
}

std::string take_openssl_error() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "OpenSSL does not say why";
    if (const auto* reason = ERR_reason_error_string(code)) return reason;
    return "OpenSSL error " + std::to_string(code);
}

}  // namespace kafka::io
